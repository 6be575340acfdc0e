static off_t size_of_file(int file)
{
	struct stat status;

	return fstat(file, &status) == -1 ? -1 : status.st_size;
}
