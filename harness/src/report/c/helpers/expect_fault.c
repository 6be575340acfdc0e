static void expect_fault(int line, const char *call, int result, int number, int code, void *at)
{
	if (result == -1 && fault.si_signo == number && fault.si_code == code && fault.si_addr == at)
		return;
	printf("line %d: %s: expected signal %d with code %d, got ", line, call, number, code);
	if (result == -1)
		printf("signal %d with code %d\n", fault.si_signo, fault.si_code);
	else
		printf("%d\n", result);
	finish(NOT_AS_SPECIFIED);
}

#define EXPECT_FAULT(access, number, code, at) \
	expect_fault(__LINE__, #access, access, number, code, at)
