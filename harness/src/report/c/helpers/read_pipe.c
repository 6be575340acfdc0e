static int read_pipe(int pin[2], char *place)
{
	return read(pin[0], place, 1) == 1 ? unpin(pin) : -1;
}
