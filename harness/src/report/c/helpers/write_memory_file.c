/* Writes a byte to an address, through /proc/PID/mem. */
static int write_memory_file(pid_t process, const char *at, unsigned char value)
{
	int file = open_memory_file(process, O_WRONLY);
	int result = copied("pwrite", pwrite(file, &value, 1, (off_t)(uintptr_t)at), 0);
	int error = errno;

	close(file);
	errno = error;
	return result;
}
