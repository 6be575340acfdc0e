static int open_memory_file(pid_t process, int mode)
{
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/proc/%d/mem", process);
	file = open(path, mode | O_CLOEXEC);
	if (file == -1)
		cannot_tell(path);
	return file;
}
