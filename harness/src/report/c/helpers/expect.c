static void expect(int line, const char *call, long result, const char *text, long expected)
{
	if (result == expected)
		return;
	if (result == -1 && errno == ENOSYS)
		cannot_tell(call);
	printf("line %d: %s: expected %s (%ld), got ", line, call, text, expected);
	if (result == -1)
		printf("\"%s\"\n", strerror(errno));
	else
		printf("%ld\n", result);
	finish(NOT_AS_SPECIFIED);
}

#define EXPECT(call, expected) \
	expect(__LINE__, #call, (long)(call), #expected, (long)(expected))
