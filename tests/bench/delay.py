#!/usr/bin/python3
"""delay.py PORT MILLISECONDS: a way to 127.0.0.1:PORT that is so much longer, there and back together. Prints its own
port. Bytes keep their order and their pace; only their arrival is later, as over a long line."""
import asyncio
import sys

port, delay = int(sys.argv[1]), float(sys.argv[2]) / 2000


async def pump(reader, writer):
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def deliver():
        while True:
            due, data = await queue.get()
            wait = due - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            if not data:
                try:
                    writer.write_eof()
                except OSError:
                    pass
                return
            writer.write(data)
            await writer.drain()

    task = asyncio.create_task(deliver())
    try:
        while True:
            data = await reader.read(65536)
            queue.put_nowait((loop.time() + delay, data))
            if not data:
                break
        await task
    except OSError:
        task.cancel()


async def serve(reader, writer):
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer))
    writer.close()
    there_writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
