static ssize_t pin_by_sendfile(int pin[2], int file, off_t offset)
{
	int ends[2];

	make_used_pipe(ends);
	return keep_pipe(pin, ends, sendfile(ends[1], file, &offset, page / 2));
}
