static int pin_by_vmsplice(int pin[2], const char *place)
{
	struct iovec memory = { (char *)place, 1 };
	int ends[2];

	make_pipe(ends);
	return keep_pipe(pin, ends, vmsplice(ends[1], &memory, 1, 0)) == 1 ? 0 : -1;
}
