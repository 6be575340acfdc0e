/* What the page table of this process holds for an address, by the categories of PAGEMAP_SCAN. */
static int scanned_state(const char *at)
{
	int known = IS_FILE | IS_PRESENT | IS_SWAPPED | IS_ZERO;
	int found = categories(at, known | IS_GUARD);

	if (found == -1 && errno == EINVAL) /* Older kernels do not know guards. */
		found = categories(at, known);
	if (found == -1)
		cannot_tell("PAGEMAP_SCAN");
	if (found & IS_GUARD)
		return PAGE_GUARD;
	if (found & IS_FILE)
		return PAGE_FILE;
	if (found & IS_ZERO)
		return PAGE_ZERO;
	if (found & IS_PRESENT)
		return PAGE_ANON;
	return found & IS_SWAPPED ? PAGE_SWAPPED : PAGE_NONE;
}
