/* Writes a byte to an address of a process. */
static int write_to_process(pid_t process, char *at, unsigned char value)
{
	struct iovec own = { &value, 1 }, theirs = { at, 1 };
	ssize_t length = process_vm_writev(process, &own, 1, &theirs, 1, 0);

	return copied("process_vm_writev", length, 0);
}
