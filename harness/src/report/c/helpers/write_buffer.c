static int write_buffer(struct buffer **name, unsigned char value)
{
	int ends[2];

	if (*name == NULL) {
		errno = EBADF;
		return -1;
	}
	make_pipe(ends);
	if (write(ends[1], &value, 1) != 1)
		cannot_tell("write to a pipe");
	move_byte(*name, IORING_OP_READ_FIXED, ends[0]);
	unpin(ends);
	return 0;
}
