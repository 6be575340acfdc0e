static int expect_descriptor(int line, const char *call, int descriptor)
{
	if (descriptor >= 0)
		return descriptor;
	if (errno == ENOSYS)
		cannot_tell(call);
	printf("line %d: %s: expected a descriptor, got \"%s\"\n", line, call, strerror(errno));
	finish(NOT_AS_SPECIFIED);
	return -1;
}

#define EXPECT_DESCRIPTOR(call) expect_descriptor(__LINE__, #call, call)
