/* Executes the instruction there, which returns. */
static void execute(const char *at)
{
	((void (*)(void))(uintptr_t)at)();
}
