/* Whether two places, the other one in another process, are the same physical page now. */
static int same_frame(const char *at, pid_t other, const char *there)
{
	char path[64];
	uint64_t own, theirs;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", other);
	own = pagemap_entry("/proc/self/pagemap", at);
	theirs = pagemap_entry(path, there);
	errno = ENODATA;
	if (is_swapped(own) || is_swapped(theirs))
		cannot_tell("frames of what is paged out");
	if (!(own & PAGEMAP_PRESENT && theirs & PAGEMAP_PRESENT))
		return 0;
	errno = EPERM;
	if ((own & PAGEMAP_FRAME) == 0)
		cannot_tell("page frame numbers, which only root sees");
	return (own & PAGEMAP_FRAME) == (theirs & PAGEMAP_FRAME);
}
