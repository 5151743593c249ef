//! Where results go: stdout, or a file that gets its name when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use netkit_wire::Sanitizer;

use crate::failure::{Failure, Result};

/// A place for one result.
pub struct Output {
    sink: Sink,
    /// Takes control characters out on the way to a terminal.
    sanitizer: Option<Sanitizer>,
    clean: Vec<u8>,
}

enum Sink {
    Stdout(io::BufWriter<File>),
    Part {
        file: io::BufWriter<File>,
        part: PathBuf,
        name: PathBuf,
    },
    /// A device or a pipe: it takes bytes, and no other file must take its name.
    Device {
        file: io::BufWriter<File>,
        name: PathBuf,
    },
}

impl Output {
    /// `file` if one was named, else stdout. `raw` lets control characters through to a terminal.
    pub fn open(file: Option<&Path>, raw: bool) -> Result<Output> {
        let (sink, terminal) = match file.filter(|path| *path != Path::new("-")) {
            Some(name) if is_device(name) => {
                let file = OpenOptions::new().write(true).open(name);
                let file = file.map_err(|e| Failure::write(name.display(), &e))?;
                (Sink::Device { file: buffered(file), name: name.to_owned() }, false)
            }
            Some(name) => {
                let mut part = name.as_os_str().to_owned();
                part.push(".part");
                let part = PathBuf::from(part);
                let file = File::create(&part).map_err(|e| Failure::write(part.display(), &e))?;
                (Sink::Part { file: buffered(file), part, name: name.to_owned() }, false)
            }
            None => {
                let stdout = io::stdout();
                // A file of its own: std's stdout would search every byte for a line feed.
                let own = stdout.as_fd().try_clone_to_owned().map_err(|e| Failure::write("stdout", &e))?;
                (Sink::Stdout(buffered(File::from(own))), stdout.is_terminal())
            }
        };
        let sanitizer = (terminal && !raw).then(Sanitizer::default);
        Ok(Output { sink, sanitizer, clean: Vec::new() })
    }

    /// Whether a person reads it as it comes.
    pub fn is_terminal(&self) -> bool {
        matches!(self.sink, Sink::Stdout(_)) && io::stdout().is_terminal()
    }

    /// The sink as a file, when nothing has to look at the bytes on their way.
    pub fn file(&self) -> Option<File> {
        match (&self.sanitizer, &self.sink) {
            (Some(_), _) => None,
            (None, Sink::Stdout(file) | Sink::Part { file, .. } | Sink::Device { file, .. }) => {
                file.get_ref().try_clone().ok()
            }
        }
    }

    /// The name for messages.
    pub fn name(&self) -> String {
        match &self.sink {
            Sink::Stdout(_) => "stdout".to_owned(),
            Sink::Part { part, .. } => part.display().to_string(),
            Sink::Device { name, .. } => name.display().to_string(),
        }
    }

    fn raw(&mut self) -> &mut io::BufWriter<File> {
        match &mut self.sink {
            Sink::Stdout(file) | Sink::Part { file, .. } | Sink::Device { file, .. } => file,
        }
    }

    /// One line of text or JSON.
    pub fn line(&mut self, line: &str) -> Result<()> {
        let written = self.write_all(line.as_bytes()).and_then(|()| self.write_all(b"\n"));
        written.map_err(|e| Failure::write(self.name(), &e))
    }

    /// Everything has come: a file gets its name.
    pub fn finish(mut self) -> Result<()> {
        if let Some(mut sanitizer) = self.sanitizer.take() {
            let mut rest = Vec::new();
            sanitizer.finish(&mut rest);
            self.raw().write_all(&rest).map_err(|e| Failure::write("stdout", &e))?;
        }
        let flushed = self.raw().flush();
        flushed.map_err(|e| Failure::write(self.name(), &e))?;
        if let Sink::Part { part, name, .. } = &self.sink {
            std::fs::rename(part, name).map_err(|e| Failure::write(name.display(), &e))?;
        }
        Ok(())
    }
}

/// Whether something has that name already that a rename would destroy: `/dev/null` is a place, not a file.
pub fn is_device(name: &Path) -> bool {
    std::fs::metadata(name).is_ok_and(|known| !known.is_file() && !known.is_dir())
}

fn buffered(file: File) -> io::BufWriter<File> {
    io::BufWriter::with_capacity(32 << 10, file)
}

impl Write for Output {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let Some(sanitizer) = &mut self.sanitizer else { return self.raw().write(from) };
        let mut clean = std::mem::take(&mut self.clean);
        clean.clear();
        sanitizer.push(from, &mut clean);
        let written = self.raw().write_all(&clean);
        self.clean = clean;
        written.map(|()| from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.raw().flush()
    }
}
