/* Writes the same byte to a range of a file. */
static ssize_t fill(int file, off_t offset, size_t length, unsigned char value)
{
	unsigned char bytes[length + 1];

	memset(bytes, value, length);
	return pwrite(file, bytes, length, offset);
}
