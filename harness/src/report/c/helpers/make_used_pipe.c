/* A pipe whose places have been written to before: what a write has left behind must not matter. */
static void make_used_pipe(int ends[2])
{
	char byte = 0;

	make_pipe(ends);
	if (fcntl(ends[1], F_SETPIPE_SZ, 2 * page) == -1)
		cannot_tell("F_SETPIPE_SZ");
	for (int place = 0; place < 2; place++)
		if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
			cannot_tell("write to a pipe");
}
