/* A guard is noted like a page that is paged out. */
static int is_swapped(uint64_t entry)
{
	return entry & PAGEMAP_SWAPPED && !(entry & PAGEMAP_GUARD);
}
