static int load(const char *at)
{
	return *(const volatile unsigned char *)at;
}
