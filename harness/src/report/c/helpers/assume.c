/* Kernels may differ in this by choice: what follows holds for those that do it. */
static void assume(const char *call, int holds)
{
	if (!holds) {
		printf("cannot tell: by choice, this kernel differs in %s\n", call);
		finish(CANNOT_TELL);
	}
}

#define ASSUME(call, expected) assume(#call, (long)(call) == (long)(expected))
