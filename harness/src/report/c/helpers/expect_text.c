static void expect_text(int line, const char *call, const char *seen, const char *expected)
{
	if (strcmp(seen, expected) == 0)
		return;
	printf("line %d: %s: expected %s, got %s\n", line, call, expected, seen);
	finish(NOT_AS_SPECIFIED);
}

#define EXPECT_TEXT(call, expected) expect_text(__LINE__, #call, call, expected)
