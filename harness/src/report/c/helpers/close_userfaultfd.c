static int close_userfaultfd(int *name)
{
	int result = close(*name);

	*name = -1;
	return result;
}
