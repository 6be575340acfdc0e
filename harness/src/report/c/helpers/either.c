/* The value; if it is one of these two, the first. */
static int either(int value, int one, int other)
{
	return value == other ? one : value;
}
