/* A new file without a name on a file system of this type, as statfs(2) tells it. */
static int open_unnamed(long type)
{
	static const char *const folders[] = { "/dev/shm", "/run", "/var/tmp", ".", "/tmp", "/root" };
	struct statfs status;

	for (size_t number = 0; number < sizeof(folders) / sizeof(*folders); number++) {
		int file = open(folders[number], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

		if (file == -1)
			continue;
		if (fstatfs(file, &status) == 0 && status.f_type == type)
			return file;
		close(file);
	}
	cannot_tell("a file system of this type");
	return -1;
}
