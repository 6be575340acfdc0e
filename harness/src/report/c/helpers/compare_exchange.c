/* Puts a byte there if the old one is as expected, in one step; what was there. */
static int compare_exchange(char *at, unsigned char old, unsigned char new)
{
	__atomic_compare_exchange_n((unsigned char *)at, &old, new, 0, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}
