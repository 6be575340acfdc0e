/* The byte at an address, through /proc/PID/mem. */
static int read_memory_file(pid_t process, const char *at)
{
	unsigned char byte = 0;
	int file = open_memory_file(process, O_RDONLY);
	int result = copied("pread", pread(file, &byte, 1, (off_t)(uintptr_t)at), byte);
	int error = errno;

	close(file);
	errno = error;
	return result == -1 ? -1 : byte;
}
