static int reopen(int file, int mode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return open(path, mode | O_CLOEXEC);
}
