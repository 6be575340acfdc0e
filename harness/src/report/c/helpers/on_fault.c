static siginfo_t fault;
static sigjmp_buf before_access;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	fault = *info;
	siglongjmp(before_access, 1);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	if (sigaction(SIGSEGV, &action, NULL) == -1 || sigaction(SIGBUS, &action, NULL) == -1)
		cannot_tell("sigaction");
}
