/* What proc_pid_clear_refs(5) calls the soft-dirty bits of all pages. */
#define CLEAR_SOFT_DIRTY "4"

/* No page of this process is soft-dirty from now on. */
static int clear_soft_dirty(void)
{
	int file;

	soft_dirty_is_known();
	file = open("/proc/self/clear_refs", O_WRONLY);
	if (file == -1 || write(file, CLEAR_SOFT_DIRTY, strlen(CLEAR_SOFT_DIRTY)) == -1)
		cannot_tell("/proc/self/clear_refs");
	return close(file);
}
