static int read_buffer(struct buffer **name)
{
	unsigned char byte = 0;
	int ends[2];

	if (*name == NULL) {
		errno = EBADF;
		return -1;
	}
	make_pipe(ends);
	move_byte(*name, IORING_OP_WRITE_FIXED, ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		cannot_tell("read from a pipe");
	unpin(ends);
	return byte;
}
