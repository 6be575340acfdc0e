static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) == -1)
		cannot_tell("pipe2");
}
