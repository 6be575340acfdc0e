static ssize_t pin_by_splice(int pin[2], int file, loff_t offset)
{
	int ends[2];

	make_used_pipe(ends);
	return keep_pipe(pin, ends, splice(file, &offset, ends[1], NULL, page / 2, 0));
}
