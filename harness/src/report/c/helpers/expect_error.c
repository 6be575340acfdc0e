static void expect_error(int line, const char *call, long result, int error)
{
	if (result == -1 && errno == error)
		return;
	if (result == -1 && errno == ENOSYS)
		cannot_tell(call);
	printf("line %d: %s: expected the error \"%s\"", line, call, strerror(error));
	if (result == -1)
		printf(", got \"%s\"\n", strerror(errno));
	else
		printf(", got %ld\n", result);
	finish(NOT_AS_SPECIFIED);
}

#define EXPECT_ERROR(call, error) expect_error(__LINE__, #call, (long)(call), error)
