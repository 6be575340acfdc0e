/* What the copy has found in the pinned page. */
static int finish_reading(struct copy **name)
{
	return finish_copy(name, 0, 0);
}
