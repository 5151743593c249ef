//! The table "Coming from Python" of the crate's documentation names everything that Python's module offers. That each
//! counterpart exists is checked by rustdoc, which refuses a link to nothing.

const METHODS: &str = "accept bind close connect connect_ex detach dup fileno get_inheritable getblocking getpeername \
    getsockname getsockopt gettimeout listen makefile recv recv_into recvfrom recvfrom_into recvmsg recvmsg_into send \
    sendall sendfile sendmsg sendto set_inheritable setblocking setsockopt settimeout shutdown";

const FUNCTIONS: &str = "create_connection create_server has_dualstack_ipv6 fromfd getaddrinfo getfqdn gethostbyaddr \
    gethostbyname gethostbyname_ex gethostname getnameinfo getprotobyname getservbyname getservbyport htonl htons \
    if_indextoname if_nameindex if_nametoindex inet_aton inet_ntoa inet_ntop inet_pton ntohl ntohs recv_fds send_fds \
    setdefaulttimeout getdefaulttimeout socketpair";

#[test]
fn every_method_and_function_of_pythons_socket_is_in_the_table() {
    let lib = include_str!("../src/lib.rs");
    let first_cells: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("//! | ")?.split(" | ").next()).collect();
    for (names, count) in [(METHODS, 32), (FUNCTIONS, 30)] {
        let names: Vec<&str> = names.split_whitespace().collect();
        assert_eq!(names.len(), count);
        for name in names {
            let quoted = format!("`{name}`");
            assert!(first_cells.iter().any(|cell| cell.contains(&quoted)), "{name} has no row");
        }
    }
}
