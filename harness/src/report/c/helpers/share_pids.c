/* The numbers of all processes, in memory that all of them share. */
static pid_t *pids;

static void share_pids(void)
{
	pids = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pids == MAP_FAILED)
		cannot_tell("mmap");
}
