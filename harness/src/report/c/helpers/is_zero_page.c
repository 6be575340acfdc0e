/* Whether a frame is the zero page, as /proc/kpageflags says, which only root may read. */
static int is_zero_page(uint64_t frame)
{
	uint64_t flags = 0;
	int file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);

	if (file == -1 || frame == 0 ||
	    pread(file, &flags, sizeof(flags), frame * sizeof(flags)) != (ssize_t)sizeof(flags))
		cannot_tell("/proc/kpageflags");
	close(file);
	return flags >> KPF_ZERO_PAGE & 1;
}
