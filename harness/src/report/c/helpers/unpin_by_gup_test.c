static int unpin_by_gup_test(void)
{
	return ioctl(gup_test, PIN_LONGTERM_TEST_STOP);
}
