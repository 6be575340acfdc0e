/* Files have at most so many pages; what goes past that is refused without a signal. */
static void limit_file_size(size_t pages)
{
	struct rlimit limit = { .rlim_cur = pages * page, .rlim_max = RLIM_INFINITY };

	if (setrlimit(RLIMIT_FSIZE, &limit) == -1)
		cannot_tell("setrlimit");
	signal(SIGXFSZ, SIG_IGN);
}
