/* Whether a page has a category of PAGEMAP_SCAN. */
static int has_category(const char *at, uint64_t category)
{
	int found = categories(at, category);

	if (found == -1)
		cannot_tell("PAGEMAP_SCAN");
	return found != 0;
}
