/* Whether mincore says that the page is in memory. */
static int is_in_memory(char *at)
{
	unsigned char residence;

	return mincore(at, page, &residence) == -1 ? -1 : residence & 1;
}
