/* The same, with a buffer for each half page. */
static ssize_t fill_in_halves(int file, off_t offset, size_t length, unsigned char value)
{
	size_t half = page / 2, count = length / half;
	unsigned char bytes[half];
	struct iovec buffers[count + 1];

	memset(bytes, value, half);
	for (size_t number = 0; number < count; number++)
		buffers[number] = (struct iovec){ bytes, half };
	return pwritev(file, buffers, count, offset);
}
