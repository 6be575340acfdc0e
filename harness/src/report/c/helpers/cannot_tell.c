/* The machine does not allow the test. */
static void cannot_tell(const char *what)
{
	printf("cannot tell: %s: %s\n", what, strerror(errno));
	finish(CANNOT_TELL);
}
