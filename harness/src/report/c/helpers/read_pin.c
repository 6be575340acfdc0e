/* The first byte of what is in the pipe, which stays there. */
static int read_pin(const int pin[2])
{
	unsigned char byte = 0;
	int copy[2];

	if (pin[0] == -1) {
		errno = EBADF;
		return -1;
	}
	make_pipe(copy);
	if (tee(pin[0], copy[1], 1, 0) != 1 || read(copy[0], &byte, 1) != 1)
		cannot_tell("tee");
	unpin(copy);
	return byte;
}
