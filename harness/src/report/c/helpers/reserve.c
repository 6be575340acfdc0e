/* Finds addresses at which nothing is mapped, nor next to them. */
static void reserve(size_t pages)
{
	char *start;

	page = sysconf(_SC_PAGESIZE);
	start = mmap(NULL, (pages + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED || munmap(start + page, pages * page) == -1)
		cannot_tell("mmap");
	area = start + page;
}
