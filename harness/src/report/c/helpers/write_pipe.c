static int write_pipe(int pin[2], const char *place)
{
	int ends[2];

	if (pin[1] != -1)
		return write(pin[1], place, 1) == 1 ? 0 : -1;
	make_pipe(ends);
	return keep_pipe(pin, ends, write(ends[1], place, 1)) == 1 ? 0 : -1;
}
