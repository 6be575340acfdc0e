/* The byte at an address of a process. */
static int read_from_process(pid_t process, char *at)
{
	unsigned char byte = 0;
	struct iovec own = { &byte, 1 }, theirs = { at, 1 };
	ssize_t length = process_vm_readv(process, &own, 1, &theirs, 1, 0);

	return copied("process_vm_readv", length, byte);
}
