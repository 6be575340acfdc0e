enum { END_OF_FILE = 256 };

/* The byte at this offset of a file. */
static int read_byte(int file, off_t offset)
{
	unsigned char byte;
	ssize_t length = pread(file, &byte, 1, offset);

	return length == 1 ? byte : length == 0 ? END_OF_FILE : -1;
}
