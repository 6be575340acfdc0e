/* Whether a page is the zero page: PAGEMAP_SCAN says so since Linux 6.7; before, root may look up
 * the flags of its frame. */
static int is_zero_page(const char *at, uint64_t frame)
{
	uint64_t flags = 0;
	int found = categories(at, IS_ZERO);
	int file;

	if (found != -1)
		return found != 0;
	file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (file == -1 || frame == 0 ||
	    pread(file, &flags, sizeof(flags), frame * sizeof(flags)) != (ssize_t)sizeof(flags))
		cannot_tell("/proc/kpageflags");
	close(file);
	return flags >> KPF_ZERO_PAGE & 1;
}
