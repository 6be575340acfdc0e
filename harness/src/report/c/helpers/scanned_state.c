/* The arguments of the ioctl PAGEMAP_SCAN, and what it finds. */
struct scan {
	uint64_t size, flags, start, end, walk_end, regions, regions_length, max_pages;
	uint64_t inverted, required, required_any, returned;
};

struct region {
	uint64_t start, end, categories;
};

/* What the page table of this process holds for an address, by the categories of PAGEMAP_SCAN. */
static int scanned_state(const char *at)
{
	enum { IS_FILE = 4, IS_PRESENT = 8, IS_SWAPPED = 16, IS_ZERO = 32, IS_GUARD = 256 };
	uint64_t wanted = IS_FILE | IS_PRESENT | IS_SWAPPED | IS_ZERO | IS_GUARD;
	uint64_t start = (uintptr_t)at / page * page;
	struct region region = { 0 };
	struct scan scan = {
		.size = sizeof(scan),
		.start = start,
		.end = start + page,
		.regions = (uintptr_t)&region,
		.regions_length = 1,
		.required_any = wanted,
		.returned = wanted,
	};
	int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int result = ioctl(file, _IOWR('f', 16, struct scan), &scan);

	if (result == -1 && errno == EINVAL) { /* Older kernels do not know guards. */
		scan.required_any = scan.returned = wanted & ~(uint64_t)IS_GUARD;
		result = ioctl(file, _IOWR('f', 16, struct scan), &scan);
	}
	if (result == -1)
		cannot_tell("PAGEMAP_SCAN");
	close(file);
	if (region.categories & IS_GUARD)
		return PAGE_GUARD;
	if (region.categories & IS_FILE)
		return PAGE_FILE;
	if (region.categories & IS_ZERO)
		return PAGE_ZERO;
	if (region.categories & IS_PRESENT)
		return PAGE_ANON;
	return region.categories & IS_SWAPPED ? PAGE_SWAPPED : PAGE_NONE;
}
