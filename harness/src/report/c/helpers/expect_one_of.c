static void expect_one_of(int line, const char *call, int seen, const char *text, int allowed)
{
	if (seen & allowed)
		return;
	printf("line %d: %s: expected %s (%d), got %d\n", line, call, text, allowed, seen);
	finish(NOT_AS_SPECIFIED);
}

#define EXPECT_ONE_OF(call, allowed) expect_one_of(__LINE__, #call, call, #allowed, allowed)
